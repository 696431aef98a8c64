package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/larder-go/larder/internal/atomicfile"
	"github.com/larder-go/larder/store"
)

// maxFile is the largest session file that is opened, in bytes.
const maxFile = 16 << 20

// SaveFile writes the session to a file of mode 0600, whole or not at all, and on the disk when it returns.
func (s *Session) SaveFile(name string, seal Seal) error {
	data, err := s.wrapped(seal)
	if err != nil {
		return fmt.Errorf("session: save %s: %w", name, err)
	}
	if err := atomicfile.Write(name, data, &atomicfile.Options{Mode: 0o600, Sync: true}); err != nil {
		return fmt.Errorf("session: save: %w", err)
	}
	return nil
}

// OpenFile makes a session of a saved one: see Restore for what opts may say.
func OpenFile(name string, seal Seal, opts *Options) (*Session, error) {
	st, err := ReadFile(name, seal)
	if err != nil {
		return nil, err
	}
	s, err := Restore(st, opts)
	if err != nil {
		return nil, fmt.Errorf("session: open %s: %w", name, err)
	}
	return s, nil
}

// ReadFile returns the state in a file, to look at or to change.
func ReadFile(name string, seal Seal) (State, error) {
	f, err := os.Open(name)
	if err != nil {
		return State{}, fmt.Errorf("session: open: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("larger than %d bytes", maxFile)
	}
	if err != nil {
		return State{}, fmt.Errorf("session: open %s: %w", name, err)
	}
	st, err := seal.unwrap(data)
	if err != nil {
		return State{}, fmt.Errorf("session: open %s: %w", name, err)
	}
	return st, nil
}

// Save puts the session into a store under its name.
func (s *Session) Save(ctx context.Context, st store.Store, name string, seal Seal) error {
	data, err := s.wrapped(seal)
	if err != nil {
		return fmt.Errorf("session: save %s: %w", name, err)
	}
	form := "session.json"
	if seal.kind == sealKey {
		form = "session.sealed"
	}
	if _, err := st.Put(ctx, storeKey(name), store.Item{Value: data, Form: form}, store.Any); err != nil {
		return fmt.Errorf("session: save %s: %w", name, err)
	}
	return nil
}

// Load makes a session of one that Save put into a store.
func Load(ctx context.Context, st store.Store, name string, seal Seal, opts *Options) (*Session, error) {
	it, err := st.Get(ctx, storeKey(name))
	if err != nil {
		return nil, fmt.Errorf("session: load %s: %w", name, err)
	}
	state, err := seal.unwrap(it.Value)
	if err != nil {
		return nil, fmt.Errorf("session: load %s: %w", name, err)
	}
	s, err := Restore(state, opts)
	if err != nil {
		return nil, fmt.Errorf("session: load %s: %w", name, err)
	}
	return s, nil
}

func (s *Session) wrapped(seal Seal) ([]byte, error) {
	if s.core.Load() == nil {
		return nil, ErrUnmade
	}
	return seal.wrap(s.State())
}

// storeKey is where a store keeps the session of a name.
func storeKey(name string) string {
	sum := sha256.Sum256([]byte(name))
	return "s/" + hex.EncodeToString(sum[:20])
}
