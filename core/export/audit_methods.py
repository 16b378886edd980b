"""How the factors' figures come about, in the words of a methods section, and after whom."""

NOTES = (
    "All figures of correlation and collinearity are of the same pixels: those of the area "
    "with data in every factor. Sums are taken in double precision of all pixels, none is "
    "left out.",
    "VIF is the diagonal of the inverse correlation matrix and TOL its reciprocal; a VIF from"
    " 5 on deserves attention, from 10 on it is high. In recommended coding a factor has "
    "several columns, its VIF is the generalised one to the power of 1 / number of columns. "
    "Where the condition number exceeds 10¹⁰ the factors that depend on each other have no "
    "VIF and tolerance 0.",
    "Neighbouring pixels repeat each other, so their number proves nothing: p-values, where "
    "given, are of a modified t-test whose effective sample size follows from the "
    "autocorrelation of both factors.",
    "Importance is measured on as many landslide as other pixels. Gini importance favours "
    "factors with many distinct values, noise included; permutation importance is the area "
    "under the ROC curve that is lost on blocks the forest has not seen when a factor is "
    "shuffled. A column of pure noise and forests grown on shuffled labels are the controls: "
    "what does not beat the noise says nothing.",
    "The frequency ratio is the landslide share of a class over that of the area. Weights of "
    "evidence compare how often a class occurs inside and outside landslides; the variance of"
    " the contrast counts landslides instead of pixels: landslide pixels are divided by those"
    " of the mean landslide.",
    "A ROC curve of a factor ranks its classes by their landslide share on the very area it "
    "is drawn for: a description, not a test of prediction.",
)

REFERENCES = (
    "Bonham-Carter, G. F. (1994): Geographic Information Systems for Geoscientists. Pergamon."
    " Weights of evidence, chapter 9.",
    "Breiman, L. (2001): Random forests. Machine Learning 45, 5–32.",
    "Dutilleul, P. (1993): Modifying the t test for assessing the correlation between two "
    "spatial processes. Biometrics 49, 305–314.",
    "Fox, J. & Monette, G. (1992): Generalized collinearity diagnostics. Journal of the "
    "American Statistical Association 87, 178–183.",
    "Jenks, G. F. (1967): The data model concept in statistical mapping. International "
    "Yearbook of Cartography 7, 186–190.",
    "Lee, S. & Pradhan, B. (2007): Landslide hazard mapping at Selangor, Malaysia using "
    "frequency ratio and logistic regression models. Landslides 4, 33–41.",
    "Mardia, K. V. (1976): Linear-circular correlation coefficients and rhythmometry. "
    "Biometrika 63, 403–405.",
    "Remote Sensing 2024, 16, 992: the paper whose correlation, multicollinearity and "
    "importance this audit follows (section 3.1, Table 2).",
)
