/* Suggested risks, decided many at once: accept, decline, reopen. */
#ifndef MEGURI_REGISTERS_SUGGESTIONS_H
#define MEGURI_REGISTERS_SUGGESTIONS_H

#include "api/app.h"

/* Steps of acceptSuggestions, declineSuggestions and reopenSuggestions; what they do to each item is in suggestions.sql. */
extern const struct step suggestions_accept[];
extern const struct step suggestions_decline[];
extern const struct step suggestions_reopen[];

/* Steps of acceptTreatmentSuggestions: rules made from the catalogue, or linked to more risks (treatment_suggestions.sql). */
extern const struct step suggestions_accept_treatments[];

/* Steps of declineTreatmentSuggestions and reopenTreatmentSuggestions. */
extern const struct step suggestions_decline_treatments[];
extern const struct step suggestions_reopen_treatments[];

#endif
