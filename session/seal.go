package session

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/larder-go/larder/codec"
)

// Seal is how a saved session is protected. The caller names it at every saving and opening; the zero Seal is an error.
type Seal struct {
	kind sealKind
	key  func() []byte // behind a function, so that no printer shows it
}

type sealKind uint8

const (
	sealNone sealKind = iota
	sealPlain
	sealKey
)

// Plain saves readable JSON, secrets included, for places that are protected otherwise.
var Plain = Seal{kind: sealPlain}

// Sealed encrypts with AES-GCM under a key of 16, 24 or 32 random bytes.
func Sealed(key []byte) Seal {
	key = bytes.Clone(key)
	return Seal{kind: sealKey, key: func() []byte { return key }}
}

// String says which seal it is.
func (s Seal) String() string { return [...]string{"none", "plain", "sealed with a key"}[s.kind] }

// Kinds of failure when a saved session is opened, for errors.Is. A wrong key is codec.ErrKey, changed bytes are
// codec.ErrTampered, damage is codec.ErrCorrupt, a newer format codec.ErrVersion.
var (
	ErrNoSeal    = errors.New("no seal named: use session.Plain or session.Sealed(key)")
	ErrSealed    = errors.New("it is sealed: open it with session.Sealed(key)")
	ErrNotSealed = errors.New("it is not sealed: open it with session.Plain if it can be trusted")
)

// A sealed session begins with a line that says what it is, in every version.
const (
	sealedPrefix  = "larder session "
	sealedVersion = 1
)

// wrap makes the bytes that are saved.
func (s Seal) wrap(st State) ([]byte, error) {
	if s.kind == sealNone {
		return nil, ErrNoSeal
	}
	data, err := codec.JSON.Marshal(&st)
	if err != nil || s.kind == sealPlain {
		return data, err
	}
	stage, err := codec.AESGCM(s.key())
	if err != nil {
		return nil, err
	}
	return stage.Encode([]byte(sealedPrefix+strconv.Itoa(sealedVersion)+"\n"), data)
}

// unwrap is the inverse of wrap.
func (s Seal) unwrap(data []byte) (State, error) {
	var st State
	body, sealed := bytes.CutPrefix(data, []byte(sealedPrefix))
	switch {
	case s.kind == sealNone:
		return st, ErrNoSeal
	case sealed && s.kind == sealPlain:
		return st, ErrSealed
	case !sealed && s.kind == sealKey && bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")):
		return st, ErrNotSealed
	case !sealed && s.kind == sealKey:
		return st, fmt.Errorf("%w: it does not begin like a sealed session", codec.ErrCorrupt)
	case sealed:
		var err error
		if data, err = s.open(body); err != nil {
			return st, err
		}
	}
	return st, codec.JSON.Unmarshal(data, &st)
}

func (s Seal) open(body []byte) ([]byte, error) {
	version, body, ok := bytes.Cut(body, []byte("\n"))
	n, err := strconv.Atoi(string(version[:min(len(version), 9)]))
	switch {
	case !ok || err != nil || n < 1:
		return nil, fmt.Errorf("%w: its first line is cut or changed", codec.ErrCorrupt)
	case n > sealedVersion:
		return nil, fmt.Errorf("%w: a sealed session of version %d, this program opens up to %d", codec.ErrVersion, n, sealedVersion)
	}
	stage, err := codec.AESGCM(s.key())
	if err != nil {
		return nil, err
	}
	return stage.Decode(nil, body)
}

// IsSealed reports whether saved bytes are a sealed session, without opening it.
func IsSealed(data []byte) bool { return bytes.HasPrefix(data, []byte(sealedPrefix)) }
