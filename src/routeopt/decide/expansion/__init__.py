"""What to build before it is known what will close."""
