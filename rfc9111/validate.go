package rfc9111

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
	"github.com/larder-go/larder/record"
)

// Conditional returns the fields to set in a request that validates stored responses (RFC 9111 §4.3.1): the entity tags
// of all of them in If-None-Match, and where a single one is asked about, or none has a tag, the Last-Modified of the most
// recent in If-Modified-Since. It is nil where nothing can be asked, or where the caller set a condition of its own, which goes out as it
// is. The values are the stored ones, byte for byte.
func Conditional(req *http.Request, recs []*record.Record) http.Header {
	if IsConditional(req) {
		return nil
	}
	var tags []string
	asked := 0
	for _, rec := range recs {
		if rec == nil {
			continue
		}
		asked++
		if tag, ok := httpfield.TagOf(rec.Header["Etag"]); ok && !slices.Contains(tags, tag.String()) {
			tags = append(tags, tag.String())
		}
	}
	var h http.Header
	if len(tags) > 0 {
		h = http.Header{"If-None-Match": {strings.Join(tags, ", ")}}
	}
	if len(tags) > 0 && asked > 1 {
		return h
	}
	if i := latest(recs, hasLastModified); i >= 0 {
		if h == nil {
			h = http.Header{}
		}
		h["If-Modified-Since"] = []string{recs[i].Header["Last-Modified"][0]}
	}
	return h
}

func hasLastModified(rec *record.Record) bool {
	_, ok := lastModified(rec.Header, rec.ResponseTime)
	return ok
}

// Selected returns the index of the stored response that a 304 says still holds (RFC 9111 §4.3.4), -1 where it names
// none. recs are those that Conditional asked about. An entity tag decides where the 304 has one, else Last-Modified, else
// the response is the only one that was asked about.
//
// Where a single response was asked about, a 304 can be about no other, so two things are accepted that the letter of
// §4.3.4 is not content with: a 304 without any validator, and "a" for a stored W/"a", which servers send that compress
// on the fly.
func Selected(recs []*record.Record, resp *http.Response) int {
	if resp.StatusCode != http.StatusNotModified {
		return -1
	}
	h := canonical(resp.Header)
	if tag, ok := httpfield.TagOf(h["Etag"]); ok {
		return selectedByTag(recs, tag)
	}
	if len(h["Last-Modified"]) > 0 {
		return latest(recs, func(rec *record.Record) bool {
			said, ok := lastModified(h, rec.ResponseTime)
			stored, has := lastModified(rec.Header, rec.ResponseTime)
			return ok && has && said.Equal(stored)
		})
	}
	if len(recs) == 1 && recs[0] != nil {
		return 0
	}
	return -1
}

// StrongValidator returns a stored response's validator that stands for every byte of its content, and so for If-Range: a
// strong entity tag, else a Last-Modified that lies at least a second before the Date (RFC 9110 §8.8.2.2, §13.1.5).
func StrongValidator(rec *record.Record) (string, bool) {
	if lines := rec.Header["Etag"]; len(lines) > 0 {
		tag, ok := httpfield.TagOf(lines)
		return lines[0], ok && !tag.Weak
	}
	modified, ok := lastModified(rec.Header, rec.ResponseTime)
	said, _, dated := dates(rec)
	if !ok || !dated || said.Sub(modified) < time.Second {
		return "", false
	}
	return rec.Header["Last-Modified"][0], true
}

func selectedByTag(recs []*record.Record, tag httpfield.Tag) int {
	match := tag.WeakMatch
	if !tag.Weak && len(recs) > 1 {
		match = tag.StrongMatch
	}
	return latest(recs, func(rec *record.Record) bool {
		stored, ok := httpfield.TagOf(rec.Header["Etag"])
		return ok && match(stored)
	})
}
