import MCT
