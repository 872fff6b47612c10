"""How fast the product is with the data of a whole member state: the data, the load, the floors."""
