"""The commands mockcraft, hfit and hfitd: thin, on top of what `import hotfixture` offers."""
