"""How far two recordings, or a recording and the mocks in use, are apart."""
