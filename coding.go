package larder

import (
	"io"
	"net/http"
	"strings"

	"github.com/larder-go/larder/internal/coding"
	"github.com/larder-go/larder/internal/httpfield"
	"github.com/larder-go/larder/record"
)

// fit is how a body goes to a caller, given the content coding it has and those the caller takes.
type fit uint8

const (
	unfit   fit = iota
	asIs        // in the coding it has
	decoded     // without it
)

// fitting says how rec may go to a caller whose request has these Accept-Encoding lines (RFC 9110 §12.5.3).
func fitting(rec *record.Record, accept []string) fit {
	if rec.Body.Coding != "" {
		return fittingCoding("", accept)
	}
	return fittingCoding(coding.Of(rec.Header), accept)
}

func fittingCoding(name string, accept []string) fit {
	switch {
	case name == "" && (len(accept) == 0 || httpfield.Acceptable("identity", accept)):
		return asIs
	case name != "" && len(accept) > 0 && httpfield.Acceptable(name, accept):
		return asIs
	case coding.Decodes(name) && (len(accept) == 0 || httpfield.Acceptable("identity", accept)):
		return decoded
	}
	return unfit
}

// uncode makes the head of a response say that its content coding has been taken off: fields that describe the coded form
// go, a strong entity tag becomes weak (the strong one names other bytes; RFC 9110 §8.8.1).
func uncode(h http.Header) {
	for _, name := range []string{"Content-Encoding", "Content-Length", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest", "Accept-Ranges"} {
		delete(h, name)
	}
	weaken(h)
}

// weaken makes the entity tag a weak one.
func weaken(h http.Header) {
	if tag := h.Get("Etag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		h["Etag"] = []string{"W/" + tag}
	}
}

// decodedBody reads src without the coding and closes src.
type decodedBody struct {
	io.Reader
	src io.Closer
}

func newDecodedBody(name string, src io.ReadCloser) io.ReadCloser {
	return decodedBody{coding.NewReader(name, src), src}
}

func (b decodedBody) Close() error { return b.src.Close() }
