"""Routine or unexpected for that object, and who is near?"""
