package store

import "errors"

// Sentinels for errors.Is. They arrive wrapped in an *Error.
var (
	ErrNotFound = errors.New("not found")
	ErrChanged  = errors.New("changed by another writer")
	ErrTooLarge = errors.New("too large for this store")
	ErrClosed   = errors.New("store is closed")
	ErrBadKey   = errors.New("not a valid key")
	ErrBadItem  = errors.New("not a valid item")
)

// Error says which operation on which key failed, and why.
type Error struct {
	Op  string // "get", "put", "delete", "list", "open"
	Key string // the key, the prefix of a list, or the location of an open
	Err error
}

// Error implements error.
func (e *Error) Error() string { return "store: " + e.Op + " " + e.Key + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
