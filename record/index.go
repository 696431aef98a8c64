package record

import "time"

// Index lies under a URL's key where one record is not enough: it says by which request fields the responses of the
// URL are told apart, and under which generation their variants are found.
type Index struct {
	Key         string    `doc:"key"` // the store key it was written under
	URL         string    `doc:"url"` // as in Record
	Generation  string    `doc:"generation"`
	From        []string  `doc:"from,omitempty"`        // what this generation grew out of, newest first; see internal/shelf
	Selectors   []string  `doc:"selectors,omitempty"`   // sorted; only grow within a line of generations
	Variants    []Variant `doc:"variants,omitempty"`    // the newest few, for validation and choice
	Invalidated time.Time `doc:"invalidated,omitempty"` // set in an index that an invalidation left
}

// Variant is what an index remembers of one of the URL's responses: enough to validate it without reading it.
type Variant struct {
	Key             string    `doc:"key"`
	ETag            string    `doc:"etag,omitempty"`
	Date            time.Time `doc:"date,omitempty"`
	ContentLanguage string    `doc:"content_language,omitempty"`
}
