package codec

import (
	"bytes"
	"fmt"
	"io"
)

// MaxDecoded is the longest output of one decoding stage, in bytes: twice what the largest stored value needs. A small
// input that claims more (a decompression bomb) is ErrTooLarge.
const MaxDecoded = 64 << 20

// ReadLimited appends what r holds to dst, up to MaxDecoded bytes. Stages that decode from a reader use it; what r
// itself reports is ErrCorrupt.
func ReadLimited(dst []byte, r io.Reader) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	n, err := out.ReadFrom(io.LimitReader(r, MaxDecoded+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if n > MaxDecoded {
		return nil, fmt.Errorf("%w of %d bytes", ErrTooLarge, MaxDecoded)
	}
	return out.Bytes(), nil
}
