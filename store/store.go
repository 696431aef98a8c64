// Package store is the contract between larder and the places that keep bytes: memory, files, SQLite, and whatever
// else a driver is written for.
//
// A store knows keys and bytes, never HTTP. Every write is conditional: a caller says which version of the key it saw,
// and a store that holds another one writes nothing and answers [ErrChanged]. That one rule is what lets several
// goroutines, processes and machines share a store without locks of their own.
//
// Drivers live in packages of their own (memstore, filestore, sqlitestore); package storetest holds the suite that each
// of them passes. To keep HTTP responses in a store use the root package, to keep sessions use package session.
package store

import (
	"context"
	"iter"
	"time"
)

// Store keeps items under keys. All methods may be called from several goroutines at once, and, where the engine
// underneath can be shared, from several processes.
//
// Keys are 1 to 200 characters of a-z 0-9 _ - and /, with something before, between and after the slashes; no key differs
// from another only in case, and none is a folder of another ("a" and "a/b" are never both used). Callers hash what is
// longer or stranger, so drivers need no escaping. CheckKey holds the rule; a key that breaks it is ErrBadKey.
//
// Errors are of type [*Error] around the cause, so that errors.Is finds the sentinels of this package, context errors
// and the engine's own.
type Store interface {
	// Get returns the item under key with its value, or ErrNotFound. Value and Label are shared with the store or with
	// other callers: read only. An item whose Retain has passed may be returned or not.
	Get(ctx context.Context, key string) (Item, error)

	// Put stores it under key if the store now holds the version was: Absent (nothing lies there), Any (whatever lies
	// there), or a version seen earlier. Otherwise it writes nothing and returns ErrChanged. It returns the new version.
	// The store copies what it keeps before Put returns. Other readers see the old item or the new one, whole. An item
	// that CheckItem refuses is ErrBadItem, a value over the store's limit or without room ErrTooLarge.
	Put(ctx context.Context, key string, it Item, was Version) (Version, error)

	// Delete removes the item under key on the same condition. Deleting what is not there succeeds, whatever was says;
	// Delete with Absent of a key that is there is ErrChanged.
	Delete(ctx context.Context, key string, was Version) error

	// List yields the items whose key starts with prefix, without Value, in no promised order and not as of one instant.
	// Get, Put and Delete may be called inside the loop. An error ends the sequence.
	List(ctx context.Context, prefix string) iter.Seq2[Item, error]
}

// Item is what a store keeps under a key.
type Item struct {
	// Value is the bytes; empty is allowed. Nil in what List yields.
	Value []byte

	// Label is up to MaxLabel bytes that List returns without touching Value. A store that cannot keep labels says so in
	// its Limits and drops them; a store may also lose one (an index that was rebuilt), so nothing but speed rests on it.
	Label []byte

	// Form says which pipeline wrote the value, and with which file extension: "1.json.zst". It is kept with the value;
	// a file store makes it the end of the file's name. Characters: a-z 0-9 _ - and dot, with something before, between
	// and after the dots; up to MaxForm of them, or none. A number in front is the pipeline's id: newer is higher.
	Form string

	// Retain is advice: the store may drop the item after this instant. Zero: never. Stores keep at least milliseconds.
	Retain time.Time

	// Group names items that are evicted together (a record and its chunks), in the characters and length of a key.
	// Empty: never evicted before Retain.
	Group string

	// Lazy allows the store to commit the item later, at most 100 ms or 4 MiB after Put returned. Until then it is seen
	// through this Store, and through no other; its condition is judged when it is committed. What was put before it is
	// committed before it, and a put that is not Lazy commits all that was put before. A store may ignore it.
	Lazy bool

	// Lost, where not nil, is called where a Lazy put that returned no error was not committed after all: with ErrChanged
	// where its condition did not hold. It must return soon and must not call the store.
	Lost func(error)

	// The rest is set by the store in what Get and List return, and ignored by Put.
	Key     string
	Version Version
	Size    int64 // of Value, in bytes
	Stored  time.Time
}

// MaxLabel is the longest Label, in bytes.
const MaxLabel = 512

// MaxKey is the longest key, in bytes.
const MaxKey = 200

// MaxForm is the longest Form, in bytes: a key, a dot and a form fit together in a file name of 255 bytes.
const MaxForm = 54

// Version names one content of a key. Two different contents of a key never have equal versions; equal contents may
// have different ones. It is opaque to everybody but the store that made it.
type Version string

// Conditions that are no version of a store.
const (
	Absent Version = ""  // nothing lies under the key
	Any    Version = "*" // whatever lies there, or nothing
)

// Limits is what a driver says about itself; the zero value means no limits and nothing special.
type Limits struct {
	Value   int   // longest value in bytes; 0: no limit of its own
	Chunk   int   // advised size of a piece of a large value in bytes; 0: 256 KiB
	Entry   int64 // most bytes that the items of one group may have together; 0: no limit of its own
	Lists   bool  // List works
	Labels  bool  // labels are kept
	Retains bool  // the engine itself drops items after Retain
	Remote  bool  // a network lies between, so calls want a time budget
}

// Limiter is implemented by stores that describe themselves.
type Limiter interface{ Limits() Limits }

// LimitsOf returns what st says about itself, or the limits of a plain local store that lists and keeps labels.
func LimitsOf(st Store) Limits {
	if l, ok := st.(Limiter); ok {
		return l.Limits()
	}
	return Limits{Lists: true, Labels: true}
}
