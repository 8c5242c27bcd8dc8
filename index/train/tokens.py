"""The words of the model: a WordPiece vocabulary learned on the corpora."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

UNKNOWN = "[UNK]"

# Who may apply ("(H/F)", "f/h/x") and glued feminine endings ("chargé(e)", "boulanger/ère",
# "technicien·ne") are no part of a job's name. Learned before case and accents are folded.
_MARKS = (
    r"(?i)\(?\b[hfmx](?:\s*[/|\-]\s*[hfmx]){1,2}\b\)?",
    r"(?i)(?<=\w)(?:\((?:e|ne|se|trice|euse|ère|le|ive)s?\)|"
    r"[·.•/](?:e|ne|le|se|te|trice|euse|ère|ière|ive|enne)s?\b)",
)


def build_tokenizer(texts: Iterable[str], size: int) -> Tokenizer:
    """Lower case, no accents, no punctuation but + and #; `size` pieces at most."""
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN, max_input_chars_per_word=64))
    tokenizer.normalizer = normalizers.Sequence(
        [
            *(normalizers.Replace(Regex(mark), " ") for mark in _MARKS),
            normalizers.Lowercase(),
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Replace("œ", "oe"),
            normalizers.Replace("æ", "ae"),
            normalizers.Replace(Regex(r"[^\w+#]+"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, min_frequency=2, special_tokens=[UNKNOWN], show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
