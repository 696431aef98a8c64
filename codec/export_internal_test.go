package codec

import "github.com/larder-go/larder/record"

// ReadUnsummed reads bytes as a record and as a document, behind the checksum that keeps a fuzzer out.
func ReadUnsummed(rest []byte) {
	for _, shape := range []byte{shapeRecord, shapeTree} {
		data := sum(append(begin(shape, len(rest)), rest...))
		for _, v := range []any{new(record.Record), new(record.Index), new(record.Chunk)} {
			Binary.Unmarshal(data, v)
		}
	}
}
