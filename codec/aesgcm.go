package codec

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"
)

// The head of sealed bytes: magic, version, key id. It is authenticated with the rest.
const (
	sealMagic   = "LRDS"
	sealVersion = 1
	keyIDBytes  = 8
	sealHead    = len(sealMagic) + 1 + keyIDBytes
)

// AESGCM returns a stage that seals with AES-GCM under a key of 16, 24 or 32 random bytes and a random nonce: whoever
// lacks the key can neither read nor change the bytes. With one key up to 2^32 values may be sealed.
func AESGCM(key []byte) (Stage, error) {
	switch len(key) {
	case 16, 24, 32:
	default:
		return nil, fmt.Errorf("codec: aesgcm: want a key of 16, 24 or 32 bytes, got %d", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("larder aesgcm key id"))
	head := append([]byte(sealMagic), sealVersion)
	head = append(head, mac.Sum(nil)[:keyIDBytes]...)
	return &aesgcm{seal: func() (cipher.AEAD, []byte) { return aead, head }}, nil
}

// aesgcm keeps the cipher in a function, so that no printer walks into the key.
type aesgcm struct{ seal func() (cipher.AEAD, []byte) }

func (s *aesgcm) Name() string   { return "aesgcm" }
func (s *aesgcm) Ext() string    { return "sealed" }
func (s *aesgcm) Text(bool) bool { return false }
func (s *aesgcm) Seals() bool    { return true }

// Encode implements Stage.
func (s *aesgcm) Encode(dst, src []byte) ([]byte, error) {
	aead, head := s.seal()
	dst = slices.Grow(dst, len(head)+len(src)+aead.Overhead())
	return aead.Seal(append(dst, head...), nil, src, head), nil
}

// Decode implements Stage.
func (s *aesgcm) Decode(dst, src []byte) ([]byte, error) {
	aead, head := s.seal()
	switch {
	case len(src) < sealHead+aead.Overhead() || string(src[:len(sealMagic)]) != sealMagic:
		return nil, fmt.Errorf("%w: not sealed by larder, or cut short", ErrCorrupt)
	case src[len(sealMagic)] > sealVersion:
		return nil, fmt.Errorf("%w: a seal of version %d, this program opens up to %d", ErrVersion, src[len(sealMagic)], sealVersion)
	case src[len(sealMagic)] != sealVersion:
		return nil, fmt.Errorf("%w: no such version of a seal: %d", ErrCorrupt, src[len(sealMagic)])
	case !bytes.Equal(src[:sealHead], head):
		return nil, fmt.Errorf("%w: sealed with another one", ErrKey)
	}
	dst, err := aead.Open(dst, nil, src[sealHead:], head)
	if err != nil {
		return nil, ErrTampered
	}
	return dst, nil
}
