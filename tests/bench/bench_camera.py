"""The camera path against its floors: a clean frame, frames per second on one core, and hard pictures.

Run `python -m tests.bench.bench_camera [pictures]`; prints one JSON line for each figure.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable

import cv2
import zxingcpp

from devices.qr_decode import FrameDecoder, qr_codes, zbar_look
from tests.devices.pictures import Grey, clean_ticket, hard_ticket

CLEAN_SEEDS = range(7_000_000, 7_000_020)
HARD_SEED = 8_000_000
ROUNDS = 15
STILL_BUDGET_MS = 3000


def report(name: str, value: float, unit: str, floor: float | None, goal: str, ok: bool) -> None:
    """One figure as a JSON line; `ratio` is value / floor."""
    ratio = round(value / floor, 3) if floor else None
    figure = {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "floor": None if floor is None else round(floor, 3),
        "ratio": ratio,
        "goal": goal,
        "ok": ok,
    }
    sys.stdout.write(json.dumps(figure) + "\n")


def median_ms(work: Callable[[Grey], object], frames: list[Grey]) -> float:
    """Median milliseconds of one call over all frames, several rounds."""
    spent = []
    for _ in range(ROUNDS):
        for frame in frames:
            begun = time.perf_counter()
            work(frame)
            spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent)


def clean_frames() -> None:
    """Decode of a BGR frame against zxing-cpp alone on the grey frame, looking for the same symbology."""
    greys = [clean_ticket(seed)[1] for seed in CLEAN_SEEDS]
    colours = [cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR) for grey in greys]
    decoder = FrameDecoder()
    only_qr = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    median_ms(decoder.decode, colours[:3])
    floor = median_ms(lambda grey: zxingcpp.read_barcodes(grey, formats=only_qr), greys)
    any_format = median_ms(zxingcpp.read_barcodes, greys)
    value = median_ms(decoder.decode, colours)
    report("camera frame, clean code", value, "ms", floor, "ratio <= 2", value <= 2 * floor)
    report(
        "camera frame, clean code, against zxing-cpp for all symbologies",
        value,
        "ms",
        any_format,
        "ratio <= 2",
        value <= 2 * any_format,
    )


def frames_per_second() -> None:
    """A live second: every third frame without a code, as between two guests."""
    frames = [cv2.cvtColor(clean_ticket(seed)[1], cv2.COLOR_GRAY2BGR) for seed in CLEAN_SEEDS]
    empty = cv2.GaussianBlur(frames[0], (0, 0), 40)
    decoder = FrameDecoder(12.0, turns=True)
    shown = [*frames, *([empty] * (len(frames) // 2))]
    begun, cpu = time.perf_counter(), time.process_time()
    for _ in range(4):
        for frame in shown:
            decoder.decode(frame)
    spent, used = time.perf_counter() - begun, time.process_time() - cpu
    count = 4 * len(shown)
    report(
        "camera frames on one core", count / max(spent, used), "frames/s", None, ">= 30", count / used >= 30
    )


def opencv_alone(picture: Grey) -> list[str]:
    """What OpenCV's reader finds by itself."""
    try:
        return [text for text in cv2.QRCodeDetector().detectAndDecodeMulti(picture)[1] if text]
    except cv2.error:
        return []


def hard_pictures(count: int) -> None:
    """Pictures spoiled in two ways at once, by seeds that nothing was tuned on, against three readers."""
    zbar = zbar_look()
    decoder = FrameDecoder(STILL_BUDGET_MS)
    alone = {"zxing-cpp": 0, "zbar": 0, "opencv": 0}
    union = ours = lost = wrong = 0
    for seed in range(HARD_SEED, HARD_SEED + count):
        text, picture = hard_ticket(seed)
        reads = {
            "zxing-cpp": any(found.text == text for found in qr_codes(picture)),
            "zbar": zbar is not None and any(found.text == text for found in zbar(picture)),
            "opencv": text in opencv_alone(picture),
        }
        for name, read in reads.items():
            alone[name] += read
        found = {code.text for code in decoder.decode(picture)}
        union += any(reads.values())
        ours += text in found
        wrong += bool(found - {text})
        lost += any(reads.values()) and text not in found
    for name, read in alone.items():
        report(f"hard pictures, {name} alone, of {count}", read, "read", None, "", True)
    report(f"hard pictures, of {count}", ours, "read", union, "ratio >= 1", ours >= union)
    report("hard pictures that a single reader reads and we do not", lost, "pictures", None, "0", lost == 0)
    report("hard pictures read wrongly", wrong, "pictures", None, "0", wrong == 0)


def main() -> None:
    """All figures, on one core."""
    cv2.setNumThreads(1)
    clean_frames()
    frames_per_second()
    hard_pictures(int(sys.argv[1]) if len(sys.argv) > 1 else 300)


if __name__ == "__main__":
    main()
