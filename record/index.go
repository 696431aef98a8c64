package record

import "time"

// Index lies under a URL's key where one record is not enough: it says by which request fields the responses of the
// URL are told apart, and under which generation their variants are found.
type Index struct {
	Key         string    `doc:"key"` // the store key it was written under
	URL         string    `doc:"url"` // as in Record
	Generation  string    `doc:"generation"`
	From        []string  `doc:"from,omitempty"`        // what this generation grew out of, newest first
	Selectors   []string  `doc:"selectors,omitempty"`   // sorted; only grow within a line of generations
	Invalidated time.Time `doc:"invalidated,omitempty"` // set in an index that an invalidation left
}
