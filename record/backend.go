package record

import (
	"context"
	"io"
	"iter"
	"net/http"
	"time"
)

// Backend is what a cache needs of the thing that keeps its records. larder's own layout over any store is one
// (internal/shelf); a cache in another tool's layout can be another. All methods may be called concurrently.
type Backend interface {
	// Find returns the records that may answer q, and the slot that a new response would take: what was seen there
	// is what Begin, and nothing else, may replace. Nothing found is no error; neither is a record that cannot be read.
	Find(ctx context.Context, q Query) ([]Stored, Slot, error)

	// Begin opens a draft for a new response in sl. r has its head and no body yet; the body is written to the draft, for
	// as long as ctx lasts. A content announced as longer than is kept is ErrTooLarge.
	Begin(ctx context.Context, sl Slot, r *Record, k Kept) (Draft, error)

	// Freshen replaces the head of old by that of r, unless old has changed since it was found: then it reports ErrNotKept.
	Freshen(ctx context.Context, old Stored, r *Record, k Kept) error

	// Drop removes st, unless it has changed since it was found.
	Drop(ctx context.Context, st Stored) error

	// Forget makes everything that is stored under url unreachable, for all methods, variants and scopes, and keeps
	// a fetch that is under way from being stored (invalidation, RFC 9111 §4.4). url is normalised.
	Forget(ctx context.Context, url string) error

	// All yields the reachable records as summaries: those of one normalised URL, or of all where url is empty.
	All(ctx context.Context, url string) iter.Seq2[Summary, error]
}

// Query asks a backend for records.
type Query struct {
	Request *http.Request // read only; Request.Response is the redirect that led here
	URL     string        // normalised by the cache
	Select  []Selector    // what else, beside header fields, this request is told apart by

	// Owned names the header fields (canonical) that stand for Scope: where a response is told apart by one of them, it
	// is told apart by Scope instead, so that a rotated token finds what its predecessor stored.
	Owned []string
	Scope string
}

// Selector is a property of a request, other than a single header field, that tells responses apart.
type Selector struct {
	Name   string // ":credentials", ":scope", ":trust"
	Value  string // never stored: only a keyed hash of it is
	Needs  bool   // this request is not given a response that is not told apart by it, unless that is public
	Always bool   // nor a public one

	// Personal: whether or not it Needs it, this request is given no response for somebody alone (private, or setting a
	// cookie) that is not told apart by it.
	Personal bool
}

// Slot is a place for a response, as it was when it was looked up.
type Slot interface {
	// FlightKey is equal for requests that may turn out to get the same response.
	FlightKey() string

	// Alike reports whether a response that is told apart by the named selectors is the same one for both slots.
	Alike(other Slot, names []string) bool
}

// Stored is a record as it lies in a backend.
type Stored struct {
	Record *Record
	Slot   Slot
	// Open returns the content from offset off, where it is not in Record.Body.Data; the caller closes it. An error, here or while it is read, says that bytes
	// are lost or damaged: wrong ones are never returned.
	Open func(ctx context.Context, off int64) (io.ReadCloser, error)
}

// Kept says how long a record is of use.
type Kept struct {
	FreshUntil  time.Time
	RetainUntil time.Time // zero: for ever
	Needs       []string  // names of selectors that this response must be told apart by, header fields in lower case
	Length      int64     // of the content, as it is announced to Begin; -1: unknown

	// Lost, where not nil, is called where a response whose Commit returned nil could not be kept after all. It must
	// return soon.
	Lost func(error)
}

// Draft is a response that is being written. Nothing of it is visible before Commit. Methods are not safe for
// concurrent use, except that ReadAt may run beside the others.
type Draft interface {
	io.Writer
	io.ReaderAt // bytes written so far

	// Commit makes the response visible. It reports ErrNotKept (wrapped) where the slot has changed meanwhile. ReadAt goes
	// on working, however it ends.
	Commit(ctx context.Context, trailer http.Header) error

	// Abort throws away what was not committed; ReadAt ends. It may take as long as the removal of a large content.
	Abort() error
}

// Summary is a record in a listing.
type Summary struct {
	Key   string
	Label Label
	Size  int64 // of the stored item in bytes, with the content in its chunks
	Load  func(ctx context.Context) (*Record, error)
	// Remove takes the record and its chunks out, unless it has changed since.
	Remove func(ctx context.Context) error
	// Where says where it lies, for people.
	Where func(ctx context.Context) (string, error)
}
