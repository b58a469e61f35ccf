"""Routine or unexpected, and who is near?"""
