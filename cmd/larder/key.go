package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/larder-go/larder/internal/atomicfile"
)

const keyBytes = 32

// userKey is the key of the user's sealed sessions, made at first use. Of two processes that make it at once one wins, and
// both use that.
func userKey() ([]byte, error) {
	name, err := keyFile()
	if err != nil {
		return nil, err
	}
	for range 2 {
		key, err := readKey(name)
		if !errors.Is(err, fs.ErrNotExist) {
			return key, err
		}
		if err := makeKey(name); err != nil {
			return nil, fmt.Errorf("key: %w", err)
		}
	}
	return nil, fmt.Errorf("key: %s disappears as it is made", name)
}

func readKey(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(data)))
	if err != nil || len(key) != keyBytes {
		return nil, fmt.Errorf("key: %s: want %d bytes in base64 on one line, as openssl rand -base64 %d makes", name, keyBytes, keyBytes)
	}
	return key, nil
}

// makeKey writes a new key whole under another name and links it to its own, which fails where one lies already.
func makeKey(name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	key := make([]byte, keyBytes)
	rand.Read(key) // never fails
	fresh := name + "." + rand.Text()
	defer os.Remove(fresh)
	text := base64.StdEncoding.EncodeToString(key) + "\n"
	if err := atomicfile.Write(fresh, []byte(text), &atomicfile.Options{Mode: 0o600, Sync: true}); err != nil {
		return err
	}
	err := os.Link(fresh, name)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// userKeys gives the user's key to serializers that ask for one, whatever they call it.
type userKeys struct{}

// Key implements codec.KeySource.
func (userKeys) Key(string) ([]byte, error) { return userKey() }
