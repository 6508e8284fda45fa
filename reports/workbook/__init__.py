"""The workbook: its sheets, what each says, and the XLSX bytes they are written as."""
