"""The window around the screens: rail, strip, sync badge, faults, toasts."""
