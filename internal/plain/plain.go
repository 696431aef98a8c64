// Package plain holds the mark that tells larder's own codecs, which hide and sign nothing, from everybody else's.
//
// Only a type inside this module can carry it, so a codec of a user's, which may encrypt, is never bypassed.
package plain

// Codec is embedded by larder's own codecs whose output hides and signs nothing.
type Codec struct{}

func (Codec) larderPlain() {}

// Is reports whether v carries the mark.
func Is(v any) bool {
	_, ok := v.(interface{ larderPlain() })
	return ok
}
