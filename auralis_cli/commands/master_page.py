"""What help and manual say about `auralis master` beyond its options."""

from __future__ import annotations

from auralis_cli.audio.formats import FORMATS
from auralis_cli.commands.cluster_option import CLUSTER_DETAILS
from auralis_cli.commands.verb import Page

# As the manual says it: `ogg 192`, for two channels.
_BITRATES = ", ".join(
    f"{row.key} {2 * row.lossy.default_bps_per_channel // 1000}" for row in FORMATS if row.lossy is not None
)

PAGE = Page(
    examples=(
        ("auralis master song.flac song-master.flac", "Adaptive, to -14 LUFS and at most -1 dBTP."),
        ("auralis master --target apple --explain song.wav out.flac", "Deliver to Apple and say why each stage acts."),
        ("auralis master --preset warm --intensity 0.5 in.flac out.flac", "Half of what `warm` would do."),
        ("auralis master --reference hit.flac in.flac out.flac", "Tone, width, dynamics and loudness of `hit.flac`."),
        (
            "auralis master --reference 'artist:Low year:2001..' --mode hybrid in.flac out.flac",
            "Halfway to the middle of what the library has of them.",
        ),
        ("auralis master -n --json in.flac out.flac", "Only show the plan, for a program."),
        ("auralis master --to mp3 --bitrate 320 --out-dir mastered album", "All of a folder; once more, what is new."),
        ("auralis master --album --out-dir mastered Music/Band/Album", "An album as one, its joins without a seam."),
        ("find . -name '*.wav' -print0 | auralis master --files-from - -0 --out-dir mastered", "A list of any names."),
        ("ffmpeg -i film.mkv -f wav - | auralis master - - | flac -s - -o film.flac", "From pipe to pipe."),
    ),
    exit_status=(
        (
            0,
            "OUT is written; of a batch, every result, or it was done already. It may be quieter than asked: the "
            "result then says what limited it.",
        ),
        (1, "OUT cannot be written; of a batch, no result; or there is no such cluster."),
        (2, "Usage; or OUT exists (see --force), or is IN; of a batch, every one."),
        (3, "Of a batch, some failed, for whatever reason, and the rest is done."),
        (
            4,
            "IN is missing, damaged, not audio, or holds NaN or Inf, or the reference is so, silent or too short; of a "
            "batch, nothing is done and some IN is so.",
        ),
        (130, "Interrupted; OUT is as it was before. What a batch has finished stays."),
    ),
    usage="IN OUT | IN... --out-dir DIR",
    details=(
        "The whole track is measured first, then a plan is made, then the gain is solved so that the loudness is "
        "met after limiting, then the track is rendered and measured again. OUT is written beside its place and "
        "renamed when it is complete. Tags and cover are copied; ReplayGain tags are dropped, since they no longer "
        "hold.",
        "IN and OUT may be -. From standard input WAV is read as it comes, whatever sizes its header claims, and so "
        "are samples without a header (--raw); other formats are put into a temporary file first. A long input is "
        "kept in a file without a name, since it is needed more than once: below TMPDIR, else in /var/tmp. Standard "
        "output carries WAV of 24 bits, unless --to and --bits say otherwise, and nothing but the audio: the summary "
        "goes to standard error. Tags go along from files only, and WAV on standard output carries none.",
        "The format of OUT follows its name, or --to. flac, wav and aiff store samples: of 24 bits, or of 16 where IN "
        "has no more. ogg (Vorbis), opus, m4a (AAC) and mp3 are lossy: unless --bitrate says otherwise, stereo is "
        f"written with these kbit/s, and other layouts in proportion: {_BITRATES}. What is lossy is decoded and "
        "measured again, and encoded anew with a lower ceiling until its true peaks hold. It keeps IN's sample rate "
        "where its format holds that, and otherwise gets the next above, or 48 kHz.",
        "With --out-dir, IN may be a file, a folder, which means the audio files in it and below it that are not "
        "hidden, or a cue sheet, of which each track becomes a file. The folders below the common parent of all inputs "
        "are made again below DIR. The results are flac unless --to says otherwise. No two inputs share a result: "
        "names that would be the same are told apart by IN's extension, or a number. A result never takes the place "
        "of an input. When DIR lies in a folder that is named as IN, what is in it is no input; when it is that "
        "folder, what earlier batches made there is none.",
        "A batch leaves alone what an earlier one made of the same content, with the same wishes and the same version "
        "of Auralis, and nobody touched since. Any other file in the place of a result is an error for that IN, unless "
        "--force replaces it. Every file is worked on in a process of its own: one that crashes its decoder or stands "
        "still costs itself, and the others go on. Results are shown in the order of the inputs, and are the same for "
        "any --jobs. Of the names in --files-from, one a line, empty ones are left out.",
        "Sections of a track that differ clearly in tone, as verses and choruses may, are each held a little "
        "differently: by 1 dB in any band at most, crossing over no faster than 1 dB a second. --explain names them. "
        "Speech, music that bears no shaping, and albums are left as they are, and --mode reference follows its "
        "reference as a whole.",
        "With --album, what is one album, by tags as in the library, else by folder, is mastered as one stream in the "
        "order of its discs and tracks: one plan, one gain and one limiter, which goes on from track to track, also "
        "across pauses, where it has long come to rest. So joins stay without a seam, tracks keep their levels and "
        "tone to each other, and the loudness asked for is that of the whole album. Nothing draws loud and quiet "
        "tracks together: there is no leveller and no compressor, whatever range the target allows. Tracks of a lower "
        "sample rate are converted to the highest; one of another number of channels is refused. The files of an album "
        "are given their names when all are complete; one track that fails fails its album. It is done when all of "
        "its files are. A page of --report shows its tracks without pictures.",
        "Presets lean a little to one side of what the track itself asks for: adaptive (to none), gentle (quieter, "
        "softer onsets, less treble, less limiting), warm (more bass and low mids, less treble), bright (more treble, "
        "less bass), punchy (louder, stronger onsets and bass) and live (more presence, less low mids, wider).",
        "With --reference a master is brought towards another recording: the average spectrum of mid and side, by "
        "linear-phase filters of at most 12 dB; the width; the balance of left and right, by at most 3 dB; the "
        "loudness range and the height of the peaks over the loudness; and the loudness itself, unless --loudness "
        "or --target says otherwise. What IN has no sound of is not raised: nothing below its noise, nothing above "
        "a codec's cut-off, no side of what is mono. The peaks stay below the ceiling, and below those of the "
        "reference. --intensity says how far all of that goes, and --mode hybrid takes the mean of every move and "
        "of what the music itself asks for. FILE may be a folder or a query of the library: what counts then is the "
        "middle, figure by figure, of all its tracks. A reference that cannot be read, is silent or shorter than 3 "
        "s is an error, and so is one with a preset, which mixes with a reference in hybrid mode only. What was "
        "listened to once is not listened to again.",
        "--tilt and --width lean beyond that, served in full at any intensity: the one tilts the tone by so many dB "
        "from 100 Hz to 10 kHz, the loudness staying as it is, the other raises or lowers the side of 300 Hz to 16 "
        "kHz, as far as the mono sum bears it. They mix with a reference in hybrid mode only.",
        "What is said of preset, intensity, tilt, width and loudness is noted in the library, for the kind of track it "
        "was said of. Of five such choices or more something is learnt, and used where nothing is said or set, by as "
        "much as it is certain; the result says so. auralis prefs shows and forgets it, --no-preferences does without.",
        "Targets: streaming (-14 LUFS, -1 dBTP), apple (-16, -1), broadcast (EBU R 128: -23, -1), podcast (-16, -1) "
        "and loud (-9, -0.3).",
        "--loudness wins over --target, and that over the preset's own loudness: -16 LUFS for gentle, -13 for punchy, "
        "-14 for the others. A given loudness or target is served in full at any intensity; the preset's own is "
        "approached with it.",
        "What is wrong with IN is put right first: peaks that were clipped are rounded as the sound around them "
        "suggests (at most 6 dB up; every other sample stays, and where more than a tenth is flat, all do), an offset "
        "is removed, and where left and right cancel in mono, right is turned over. The result says what was done; "
        "--no-repair leaves it all as it is.",
        "--preview writes the loudest part of the master, of that length, as OUT, and the same part of IN, untouched, "
        "beside it: `song (before).flac` beside `song.flac`. The whole track is measured and decided on, so the part "
        "is, sample for sample, that of the whole master, but for 10 ms at its edges, which are faded. The result says "
        "with what gain the two are equally loud. OUT is flac, wav or aiff then.",
        *CLUSTER_DETAILS,
        "A track is made quieter or louder, but never squeezed beyond what its music bears: where the loudness "
        "cannot be had, limited_by names the reason.",
    ),
    is_job=True,
)
