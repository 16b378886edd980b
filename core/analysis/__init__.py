"""What do the factors say?"""
