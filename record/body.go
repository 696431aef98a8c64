package record

import (
	"bytes"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/larder-go/larder/doc"
)

// maxReadable is the longest body that a document shows as JSON or text, in bytes.
const maxReadable = 1 << 20

// maxNodes is how many values a body may hold that a document shows as JSON; with more it is shown as text.
const maxNodes = 1 << 16

// Forms of a body in a document.
const (
	formatJSON  = "json"  // content is the JSON itself, written in layout
	formatText  = "text"  // content is the text
	formatBytes = "bytes" // content is the bytes
)

// Opaque returns r with a body that documents show as bytes.
func (r *Record) Opaque() any {
	c := *r
	c.Body.opaque = true
	return &c
}

// DocValue implements doc.Documenter: a JSON body stands in a document as JSON and a text as text, if that brings it back
// byte for byte.
func (b Body) DocValue() (doc.Value, error) {
	if b.Set != "" {
		return doc.Of(chunked{b.Set, b.Length, b.Piece, b.Extents, b.Until, b.Coding})
	}
	v := doc.Value{Kind: doc.Map}
	if b.opaque || !addReadable(&v, b.Data) {
		v.Add("format", doc.Str(formatBytes))
		v.Add("content", doc.Blob(b.Data))
	}
	if b.Coding != "" {
		v.Add("coding", doc.Str(b.Coding))
	}
	return v, nil
}

// chunked is a body in chunks as documents show it.
type chunked struct {
	Set     string    `doc:"set"`
	Length  int64     `doc:"length"`
	Piece   int64     `doc:"piece"`
	Extents []Extent  `doc:"extents"`
	Until   time.Time `doc:"until,omitempty"`
	Coding  string    `doc:"coding,omitempty"`
}

// Readable reports whether a document shows the content as JSON or text.
func (b Body) Readable() bool { return b.Set == "" && len(b.Data) <= maxReadable && isText(b.Data) }

func addReadable(v *doc.Value, data []byte) bool {
	if !(Body{Data: data}).Readable() {
		return false
	}
	if content, layout, ok := readJSON(data); ok {
		v.Add("format", doc.Str(formatJSON))
		if layout != "" {
			v.Add("layout", doc.Str(layout))
		}
		v.Add("content", content)
		return true
	}
	v.Add("format", doc.Str(formatText))
	v.Add("content", doc.Str(string(data)))
	return true
}

// isText reports whether data is UTF-8 of characters that are seen, spaces and line ends.
func isText(data []byte) bool {
	if !utf8.Valid(data) {
		return false
	}
	return !bytes.ContainsFunc(data, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || r == '\ufeff'
	})
}

// readJSON parses data if it is a JSON object or list that comes back byte for byte.
func readJSON(data []byte) (content doc.Value, layout string, ok bool) {
	if len(data) == 0 || data[0] != '{' && data[0] != '[' {
		return content, "", false
	}
	content, err := doc.ParseJSONLimit(data, maxNodes)
	if err != nil {
		return content, "", false
	}
	l := doc.LayoutOf(data)
	return content, l.String(), bytes.Equal(doc.AppendJSON(make([]byte, 0, len(data)), content, l), data)
}

// FromDoc implements doc.Undocumenter.
func (b *Body) FromDoc(v doc.Value) error {
	*b = Body{}
	if v.Kind != doc.Map {
		return &doc.Error{Line: v.Line, Msg: "want an object with format and content, got " + v.Kind.String()}
	}
	if _, ok := v.Get("set"); ok {
		var c chunked
		err := v.Into(&c)
		*b = Body{Set: c.Set, Length: c.Length, Piece: c.Piece, Extents: c.Extents, Until: c.Until, Coding: c.Coding}
		return err
	}
	var s struct {
		Format  string    `doc:"format"`
		Layout  string    `doc:"layout,omitempty"`
		Content doc.Value `doc:"content"`
		Coding  string    `doc:"coding,omitempty"`
	}
	if err := v.Into(&s); err != nil {
		return err
	}
	b.Coding = s.Coding
	return b.fromContent(s.Format, s.Layout, s.Content)
}

func (b *Body) fromContent(format, layout string, content doc.Value) (err error) {
	switch format {
	case formatJSON:
		l, err := doc.ParseLayout(layout)
		if err != nil {
			return &doc.Error{Path: "layout", Msg: err.Error()}
		}
		b.Data = doc.AppendJSON(nil, content, l)
		return nil
	case formatText:
		if content.Kind != doc.String {
			return &doc.Error{Path: "content", Line: content.Line, Msg: "want a string, got " + content.Kind.String()}
		}
		b.Data = []byte(content.Text)
		return nil
	case formatBytes:
		if b.Data, err = content.AsBytes(); err != nil {
			return &doc.Error{Path: "content", Line: content.Line, Msg: "want bytes in base64"}
		}
		return nil
	}
	return &doc.Error{Path: "format", Msg: fmt.Sprintf("want json, text or bytes, got %q", format)}
}
