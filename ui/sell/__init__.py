"""The sell screen: board, products, cart, paying, and paper."""
