#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
FTP with Python's ftplib and with sockets.

  ftp.py exchange URL passive|active TAG   upload "file" to in/TAG, fetch
                                           pub/file as TAG
"""
import ftplib
import sys
import urllib.parse


def login(url, passive=True, timeout=30):
    parts = urllib.parse.urlsplit(url)
    ftp = ftplib.FTP(timeout=timeout)
    ftp.connect(parts.hostname, parts.port)
    ftp.login()
    ftp.set_pasv(passive)
    return ftp


def upload(ftp, name, tag):
    with open(name, "rb") as file:
        ftp.storbinary("STOR in/" + tag, file)


def download(ftp, tag):
    with open(tag, "wb") as file:
        ftp.retrbinary("RETR pub/file", file.write)


def exchange(url, mode, tag):
    ftp = login(url, mode == "passive")
    upload(ftp, "file", tag)
    download(ftp, tag)
    ftp.quit()


COMMANDS = {
    "exchange": exchange,
}

if __name__ == "__main__":
    sys.exit(COMMANDS[sys.argv[1]](*sys.argv[2:]))
