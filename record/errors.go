package record

import "errors"

// Sentinels for errors.Is.
var (
	// ErrNotKept: what was looked up has changed meanwhile, so the response was not stored.
	ErrNotKept = errors.New("changed meanwhile, not stored")
	// ErrTooLarge: the content is larger than the backend keeps.
	ErrTooLarge = errors.New("content larger than the backend keeps")
)
