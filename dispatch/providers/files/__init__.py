"""The port of files: reports, uploads. Every key begins with the tenant that owns it."""

from .folder import FolderFiles
from .port import FileKey, Files, Presigned
from .s3 import S3Files, S3Place

__all__ = ["FileKey", "Files", "FolderFiles", "Presigned", "S3Files", "S3Place"]
