"""One format a file, reading and writing side by side; volumes and archives."""
