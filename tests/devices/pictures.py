"""Pictures of tickets made on the fly: a QR code in a scene, and the ways in which cameras spoil it."""

import base64
from collections.abc import Callable

import cv2
import numpy as np
import qrcode
from numpy.random import Generator
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Spoil = Callable[[Grey, Generator], Grey]

WIDTH, HEIGHT = 1280, 720


def ticket_text(rng: Generator) -> str:
    """A text of the form of a ticket code: 152 characters of base32."""
    return base64.b32encode(rng.bytes(95)).decode()


def qr_matrix(text: str, mask: int = 3) -> Grey:
    """A QR code as one pixel a module, with its quiet zone, version 6-M for ticket codes."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, mask_pattern=mask)
    code.add_data(text)
    code.make()
    return np.where(np.array(code.get_matrix()), 0, 255).astype(np.uint8)


def scene(matrix: Grey, rng: Generator, *, side: float = 320, angle: float = 0.0, tilt: float = 0.0) -> Grey:
    """The code before a mottled background, `side` pixels wide, turned and tilted, near the middle."""
    pixels = len(matrix) * 8
    code = cv2.resize(matrix, (pixels, pixels), interpolation=cv2.INTER_NEAREST)
    corners = np.float32([[0, 0], [pixels, 0], [pixels, pixels], [0, pixels]])
    turn = np.deg2rad(angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * side / 2
    square = square * (1 + rng.uniform(-tilt, tilt, (4, 2)))
    middle = np.array([WIDTH, HEIGHT]) * rng.uniform(0.45, 0.55, 2)
    transform = cv2.getPerspectiveTransform(corners, np.float32(square @ rotation.T + middle))
    laid = cv2.warpPerspective(code, transform, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderValue=255)
    where = cv2.warpPerspective(np.full_like(code, 255), transform, (WIDTH, HEIGHT))
    mottle = cv2.GaussianBlur(rng.normal(0, 60, (HEIGHT, WIDTH)), (0, 0), 25) * 8
    background = np.clip(rng.integers(60, 200) + mottle, 0, 255)
    return np.where(where > 127, laid, background).astype(np.uint8)


def clean_ticket(seed: int) -> tuple[str, Grey]:
    """A ticket held up well, and its text."""
    rng = np.random.default_rng(seed)
    text = ticket_text(rng)
    return text, scene(qr_matrix(text, int(rng.integers(8))), rng, side=rng.uniform(260, 380), angle=5)


def noisy(grey: Grey, rng: Generator, spread: float = 3.0) -> Grey:
    return np.clip(grey + rng.normal(0, spread, grey.shape), 0, 255).astype(np.uint8)


def blurred(grey: Grey, rng: Generator) -> Grey:
    return cv2.GaussianBlur(grey, (0, 0), rng.uniform(1.0, 3.2))


def grainy(grey: Grey, rng: Generator) -> Grey:
    return noisy(grey, rng, rng.uniform(15, 60))


def faint(grey: Grey, rng: Generator) -> Grey:
    return np.clip((grey.astype(float) - 128) * rng.uniform(0.08, 0.3) + rng.uniform(70, 180), 0, 255).astype(
        np.uint8
    )


def dark(grey: Grey, rng: Generator) -> Grey:
    return (grey * rng.uniform(0.04, 0.15)).astype(np.uint8)


def glaring(grey: Grey, rng: Generator) -> Grey:
    y, x = np.mgrid[: grey.shape[0], : grey.shape[1]]
    far = (x - WIDTH * rng.uniform(0.42, 0.58)) ** 2 + (y - HEIGHT * rng.uniform(0.4, 0.6)) ** 2
    light = rng.uniform(120, 260) * np.exp(-far / (2 * rng.uniform(30, 80) ** 2))
    return np.clip(grey + light, 0, 255).astype(np.uint8)


def shadowed(grey: Grey, rng: Generator) -> Grey:
    x = np.arange(grey.shape[1])
    edge = WIDTH * rng.uniform(0.42, 0.58)
    return (grey * np.where(x < edge, rng.uniform(0.15, 0.4), 1.0)).astype(np.uint8)


def shaken(grey: Grey, rng: Generator) -> Grey:
    length = int(rng.integers(5, 18))
    kernel = np.zeros((length, length), np.float32)
    cv2.line(kernel, (0, int(rng.integers(length))), (length - 1, int(rng.integers(length))), 1.0, 1)
    return cv2.filter2D(grey, -1, kernel / kernel.sum())


def squeezed(grey: Grey, rng: Generator) -> Grey:
    quality = int(rng.integers(8, 30))
    return cv2.imdecode(
        cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE
    )


def inverted(grey: Grey, rng: Generator) -> Grey:
    return 255 - grey


def bent(grey: Grey, rng: Generator) -> Grey:
    y, x = np.mgrid[: grey.shape[0], : grey.shape[1]].astype(np.float32)
    wave = rng.uniform(5, 18) * np.sin((x - WIDTH / 2) / rng.uniform(120, 220))
    return cv2.remap(grey, x, y + wave.astype(np.float32), cv2.INTER_LINEAR)


SPOILS: tuple[Spoil, ...] = (
    *(blurred, grainy, faint, dark, glaring, shadowed, shaken, squeezed, inverted, bent),
)


def hard_ticket(seed: int) -> tuple[str, Grey]:
    """A small or tilted ticket spoiled in two ways at once, and its text."""
    rng = np.random.default_rng(seed)
    text = ticket_text(rng)
    matrix = qr_matrix(text, int(rng.integers(8)))
    picture = scene(
        matrix, rng, side=rng.uniform(160, 380), angle=rng.uniform(0, 360), tilt=rng.uniform(0, 0.2)
    )
    for choice in sorted(rng.choice(len(SPOILS), 2, replace=False)):
        picture = SPOILS[choice](picture, rng)
    return text, noisy(picture, rng)
