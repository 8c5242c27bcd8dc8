"""The words of the model: a WordPiece vocabulary learned on the corpora."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

UNKNOWN = "[UNK]"

# Who may apply ("(H/F)", "f/h/x") and glued feminine endings ("chargé(e)", "boulanger/ère",
# "technicien·ne") are no part of a job's name. Learned before case and accents are folded.
_MARKS = (
    r"(?i)\(?\b[hfmx](?:\s*[/|\-]\s*[hfmx]){1,2}\b\)?",
    r"(?i)(?<=\w)(?:\((?:e|ne|se|trice|euse|ère|le|ive)s?\)|"
    r"[·.•/](?:e|ne|le|se|te|trice|euse|ère|ière|ive|enne)s?\b)",
)


def build_tokenizer(texts: Sequence[str], size: int) -> Tokenizer:
    """Lower case, no accents, no punctuation but + and #; `size` pieces at most.

    The same texts give the same pieces, with the same numbers.
    """
    learner = _bare(models.WordPiece(unk_token=UNKNOWN, max_input_chars_per_word=64))
    letters = sorted({letter for t in texts for letter in learner.normalizer.normalize_str(t)})
    letters = [letter for letter in letters if not letter.isspace()]
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=2,
        # The trainer numbers what it meets in a random order, and ties follow the numbers;
        # only "special" pieces keep theirs. They are made plain ones below.
        special_tokens=[UNKNOWN, *letters, *(f"##{letter}" for letter in letters)],
        show_progress=False,
    )
    learner.train_from_iterator(texts, trainer)
    pieces = learner.get_vocab(with_added_tokens=False)
    return _bare(models.WordPiece(pieces, unk_token=UNKNOWN, max_input_chars_per_word=64))


def _bare(model: models.WordPiece) -> Tokenizer:
    tokenizer = Tokenizer(model)
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
    return tokenizer
