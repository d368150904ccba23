"""hfitd: who may ask for production-like data, who approved it, what was done, and the jobs that make it."""
