import FDT
