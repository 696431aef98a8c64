package larder

import (
	"context"
	"iter"
	"net/url"
	"time"

	"github.com/larder-go/larder/record"
)

// Filter chooses entries. The zero value chooses all.
type Filter struct {
	// URL chooses the entries of one URL: every variant of it.
	URL string

	// Glob chooses entries by a pattern over the shown URL, in which * stands for any text and ? for any character.
	Glob string
}

// Entry is a stored response in a listing.
type Entry struct {
	Key        string // in the store
	Method     string
	URL        string // without secrets
	StatusCode int
	Type       string    // media type without parameters
	Stored     time.Time // when the response came
	FreshUntil time.Time // as seen when it was stored; zero: not fresh
	Length     int64     // of the content in bytes; -1: unknown
	Size       int64     // of the stored item in bytes, with a content in chunks

	summary record.Summary
}

// Record reads the whole entry. record: see package record; Body.Data is read only.
func (e Entry) Record(ctx context.Context) (*record.Record, error) { return e.summary.Load(ctx) }

// Where says where the entry lies, for people: the file of a file store, else the location and the key.
func (e Entry) Where(ctx context.Context) (string, error) { return e.summary.Where(ctx) }

// Entries yields the stored responses that f chooses, in no promised order. Entries may be deleted inside the loop. An
// error ends the sequence.
func (c *Cache) Entries(ctx context.Context, f Filter) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		target, err := c.target(f)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for sum, err := range c.backend.All(ctx, target) {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			e := entryOf(sum)
			if f.Glob != "" && !globMatch(f.Glob, e.URL) {
				continue
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Delete removes the stored responses that f chooses and returns how many. An entry that is replaced at the same moment
// stays. The zero Filter removes everything, what no request reaches too.
func (c *Cache) Delete(ctx context.Context, f Filter) (int, error) {
	if all, ok := c.backend.(record.Clearer); ok && f == (Filter{}) {
		return all.Clear(ctx)
	}
	n := 0
	for e, err := range c.Entries(ctx, f) {
		if err != nil {
			return n, err
		}
		if err := e.summary.Remove(ctx); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (c *Cache) target(f Filter) (string, error) {
	if f.URL == "" {
		return "", nil
	}
	u, err := url.Parse(f.URL)
	if err != nil {
		return "", err
	}
	terms := c.termsFor(Terms{}, u)
	return terms.key(u), nil
}

func entryOf(s record.Summary) Entry {
	return Entry{
		Key: s.Key, Method: s.Label.Method, URL: s.Label.URL, StatusCode: s.Label.StatusCode, Type: s.Label.Type,
		Stored: s.Label.Stored, FreshUntil: s.Label.FreshUntil, Length: s.Label.Length, Size: s.Size, summary: s,
	}
}
