"""Who somebody is: public keys, signatures, key files, the SSH agent, what a login signs, service tokens.

Nothing here speaks HTTP or keeps anything; the daemon and the client both stand on it.
"""
