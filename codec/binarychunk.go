package codec

import (
	"encoding/binary"

	"github.com/larder-go/larder/record"
)

// appendChunk writes the head's length, the head, and the data to the end.
func appendChunk(out []byte, c *record.Chunk) []byte {
	at := len(out)
	out = append(out, 0, 0, 0, 0)
	out = appendText(out, c.Set)
	out = binary.AppendVarint(out, int64(c.Index))
	out = appendText(out, c.Owner)
	binary.LittleEndian.PutUint32(out[at:], uint32(len(out)-at-4))
	return append(out, c.Data...)
}

// readChunk is the inverse. The chunk's data stays in data.
func readChunk(data []byte, c *record.Chunk) error {
	if len(data) < 4 {
		return errShort
	}
	n := binary.LittleEndian.Uint32(data)
	if uint64(n) > uint64(len(data)-4) {
		return errShort
	}
	in := reader{text: string(data[4 : 4+n])}
	*c = record.Chunk{Set: in.str(), Index: int(in.num()), Owner: in.str()}
	if rest := data[4+n:]; len(rest) > 0 {
		c.Data = rest[:len(rest):len(rest)]
	}
	return in.end()
}
