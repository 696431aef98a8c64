package record

import "time"

// Label is the summary of an item that a store lists without reading the item.
type Label struct {
	Kind       string    `doc:"kind"` // "record" or "index"
	Method     string    `doc:"method,omitempty"`
	URL        string    `doc:"url"`
	StatusCode int       `doc:"status_code,omitempty"`
	Type       string    `doc:"type,omitempty"` // media type without parameters
	Generation string    `doc:"generation,omitempty"`
	Stored     time.Time `doc:"stored,omitempty"`
	FreshUntil time.Time `doc:"fresh_until,omitempty"`
	Length     int64     `doc:"length"`        // of the content in bytes; -1: unknown
	Set        string    `doc:"set,omitempty"` // of the chunks that hold the content
}
