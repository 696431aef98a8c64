package codec

import "errors"

// Kinds of failure, for errors.Is.
var (
	ErrCorrupt  = errors.New("damaged")                     // the bytes are not what this codec or stage writes
	ErrTampered = errors.New("changed after it was sealed") // a seal or signature does not fit the bytes
	ErrKey      = errors.New("wrong key")                   // sealed or signed with another key
	ErrTooLarge = errors.New("larger than the limit")       // decoding would exceed MaxDecoded
	ErrVersion  = errors.New("written by a newer version")  // a format version this build does not know
)
