"""Cameras, scanners, printers, drawer and turnstile: a protocol, a driver and a simulator for each.

Nothing here asks an operator anything: a device does what it was told or raises `domain.errors.DeviceFault`.
Importing any module of this package is cheap; numpy, cv2, zxing-cpp and escpos are imported by the code that
needs them, when it needs them.
"""
