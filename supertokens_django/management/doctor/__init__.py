"""What ``manage.py supertokens_doctor`` finds out: each module one part of the report, ``text`` writes it down.

Nothing here changes anything or sends anything, and each part stands although the others cannot be made.
"""
