import GMC
import Testing
