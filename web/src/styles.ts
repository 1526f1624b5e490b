import './styles/fonts.css';
import './styles/theme.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/views.css';
import './styles/print.css';
