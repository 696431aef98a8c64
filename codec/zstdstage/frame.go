package zstdstage

import (
	"errors"

	"github.com/klauspost/compress/zstd"
)

const (
	blockHead  = 3 // bytes before each block (RFC 8878 §3.1.1.2)
	blockRLE   = 1 // type of a block that repeats one byte
	frameCheck = 4 // bytes of a frame's checksum
)

// oneFrame refuses all but a single frame. The decoder takes more of them in a row, and frames that it skips: bytes that
// somebody appended would be taken for content, or not be seen. src has been decoded, so its blocks are sound.
func oneFrame(src []byte) error {
	var h zstd.Header
	if err := h.Decode(src); err != nil {
		return err
	}
	if h.Skippable {
		return errors.New("a frame to skip")
	}
	rest := src[h.HeaderSize:]
	for last := false; !last; {
		if len(rest) < blockHead {
			return errors.New("cut short")
		}
		head := int(rest[0]) | int(rest[1])<<8 | int(rest[2])<<16
		last = head&1 != 0
		size := blockHead + head>>3
		if head>>1&3 == blockRLE {
			size = blockHead + 1
		}
		if len(rest) < size {
			return errors.New("cut short")
		}
		rest = rest[size:]
	}
	if h.HasCheckSum {
		rest = rest[min(frameCheck, len(rest)):]
	}
	if len(rest) > 0 {
		return errors.New("bytes follow the frame")
	}
	return nil
}
