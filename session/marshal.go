package session

import (
	"encoding"
	"encoding/json"

	"github.com/larder-go/larder/codec"
)

var (
	_ json.Marshaler             = State{}
	_ json.Unmarshaler           = (*State)(nil)
	_ encoding.BinaryMarshaler   = State{}
	_ encoding.BinaryUnmarshaler = (*State)(nil)
	_ json.Marshaler             = (*Session)(nil)
	_ json.Unmarshaler           = (*Session)(nil)
	_ encoding.BinaryMarshaler   = (*Session)(nil)
	_ encoding.BinaryUnmarshaler = (*Session)(nil)
)

// MarshalJSON is saving: the JSON carries the secrets. It is the document that SaveFile writes with Plain.
func (st State) MarshalJSON() ([]byte, error) { return codec.JSON.Marshal(&st) }

// UnmarshalJSON reads what MarshalJSON wrote, a hand-edited one too: errors say line, field and what is expected.
func (st *State) UnmarshalJSON(data []byte) error { return codec.JSON.Unmarshal(data, st) }

// MarshalBinary is saving: the bytes carry the secrets. encoding/gob uses it.
func (st State) MarshalBinary() ([]byte, error) { return codec.Binary.Marshal(&st) }

// UnmarshalBinary reads what MarshalBinary wrote.
func (st *State) UnmarshalBinary(data []byte) error { return codec.Binary.Unmarshal(data, st) }

// MarshalJSON is saving: the JSON carries the secrets. Requests may be running.
func (s *Session) MarshalJSON() ([]byte, error) {
	if s.core.Load() == nil {
		return nil, ErrUnmade
	}
	return s.State().MarshalJSON()
}

// UnmarshalJSON makes the session of saved state, as Restore with nil options does: with a connection pool of its own, and
// an error that names Restore where permission is needed.
func (s *Session) UnmarshalJSON(data []byte) error {
	var st State
	if err := st.UnmarshalJSON(data); err != nil {
		return err
	}
	return s.restore(st, nil)
}

// MarshalBinary is saving: the bytes carry the secrets. Requests may be running. encoding/gob uses it.
func (s *Session) MarshalBinary() ([]byte, error) {
	if s.core.Load() == nil {
		return nil, ErrUnmade
	}
	return s.State().MarshalBinary()
}

// UnmarshalBinary is UnmarshalJSON for MarshalBinary.
func (s *Session) UnmarshalBinary(data []byte) error {
	var st State
	if err := st.UnmarshalBinary(data); err != nil {
		return err
	}
	return s.restore(st, nil)
}
