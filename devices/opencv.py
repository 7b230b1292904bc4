"""The one place that tells OpenCV to keep its own warnings off standard error."""


def quiet_opencv() -> None:
    """Silence OpenCV's log: a camera that is not there is reported as a status, not on the terminal."""
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
