"""The simulator: real stations and a hub in one process, with simulated time, network, disk and chance."""
